/** What esbuild's `file` loader gives (bundle.ts): the address of the copied file, from the script that imports it. */
declare module "*.safetensors" {
  const address: string;
  export default address;
}

declare module "*.gz" {
  const address: string;
  export default address;
}
