import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const CDN = /(["'`])https:\/\/cdn\.jsdelivr\.net\/npm\/((?:@[\w.-]+\/)?[\w.-]+?)(?:@[\w.-]+)?(\/[^"'`]*)?\1/g;

const DYNAMIC = /import\("missing:([^"]+)"\)/g;

/** Whether a package is installed; the ESM ones have no entry for require, so their folder is asked for. */
function installed(name: string): boolean {
  return (require.resolve.paths(name) ?? []).some((folder) => {
    try {
      require(join(folder, name, 'package.json'));
      return true;
    } catch {
      return false;
    }
  });
}

const STATIC = /^(import|export)\s+([^;"'`]*?)\s*from\s*"missing:([^"]+)";?/gm;

/** A static import of a package that is not installed: its names are declared, and whoever evaluates the module is told. Modules that do this are loaded only when a cell asks for them. */
function refuse(_whole: string, keyword: string, clause: string, name: string): string {
  const names = clause.replaceAll(/[{}]|\*(?:\s+as)?|\w+\s+as/g, ' ').split(/[\s,]+/).filter((word) => word !== '' && word !== 'default');
  const declared = keyword === 'import' ? names.map((word) => `const ${word} = undefined;`).join(' ') : clause.includes('default') ? 'export default undefined;' : 'export {};';
  return `${declared} throw new Error(${JSON.stringify(`${name} is not installed`)});`;
}

/**
 * Notebook Kit's standard library imports its packages from a CDN. Here they come from node_modules, so that a notebook makes no request to another host; what is not installed
 * throws when a cell asks for it.
 */
function offline(): Plugin {
  return {
    name: 'rumpsim-offline',
    enforce: 'pre',
    transform(code) {
      if (!code.includes('https://cdn.jsdelivr.net/npm/')) return null;
      const local = code.replaceAll(CDN, (_whole, _quote: string, name: string, path: string | undefined) => {
        return JSON.stringify(installed(name) ? (path === undefined || path === '/+esm' ? name : `${name}${path}`) : `missing:${name}`);
      });
      return { code: local.replaceAll(STATIC, refuse).replaceAll(DYNAMIC, (_whole, name: string) => `Promise.reject(new Error(${JSON.stringify(`${name} is not installed`)}))`), map: null };
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [offline()],
  // The preview bundles the standard library beforehand, with plugins of its own.
  optimizeDeps: { rolldownOptions: { plugins: [offline()] } },
  worker: { format: 'es' },
  server: { fs: { allow: [join(here, '..')] } },
  build: { target: 'es2024', chunkSizeWarningLimit: 2000 },
});
