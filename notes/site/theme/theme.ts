import { onContentUpdated, type Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import "katex/dist/katex.min.css";
import "./style.css";
import { offerEditing } from "./edit.ts";
import { showLive } from "./live.ts";

export const theme: Theme = {
  extends: DefaultTheme,
  setup: () =>
    onContentUpdated(() => {
      showLive();
      offerEditing();
    }),
};
