import { rolldown } from 'rolldown';

/**
 * Puts a program and all that it imports into one file. rolldown does it: vitest brings it along, and it is maintained
 * by the makers of Vite.
 */
export async function bundleIntoOneFile({ input, file, banner = '' }) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    // A package that is not found would otherwise be left to be found on the machine that has this file alone.
    external: /^node:/,
    onLog(level, log) {
      if (level === 'warn') throw new Error(`bundling ${input}: ${log.message}`);
    },
  });
  await bundle.write({
    file,
    format: 'esm',
    codeSplitting: false,
    banner,
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
}
