/** Made by build.mjs: the bundled text of an AudioWorklet's script. */
declare module "worklet:*" {
  const source: string;
  export default source;
}
