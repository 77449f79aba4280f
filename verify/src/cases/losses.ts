import type { Case } from "../case.ts";

export const moreLosses: Case[] = [];
