/** How often it was chosen anew what computes (kernels or loops, which BLAS): calls that were bound before go by older choices. */
export let choices = 0;

export const noteChange = (): void => void choices++;
