/**
 * The house's layers as rules (`npm run check` runs them): arrows between packages point down only, and inside a
 * package domain ← ports ← adapters ← entry. scripts/layers.test.mjs breaks each rule once and sees it refused.
 */

/** Which packages each one may import, itself aside. */
const below = {
  base: [],
  protocol: ['base'],
  wire: ['base'],
  acme: ['base'],
  hostcore: ['base'],
  'acme-dns': ['base', 'acme'],
  agent: ['base', 'protocol', 'wire'],
  hub: ['base', 'protocol', 'wire', 'acme', 'acme-dns'],
};

export const packageNames = Object.keys(below);

const inside = '^packages/([^/]+)/src/';
const anyTest = '\\.test\\.ts$';
/** Where things are wired together: nothing but the entry itself looks up here. */
const entry = '(api|cli)/|main\\.ts$';
const domain = 'domain/';
const ports = 'ports(\\.ts$|/)';

const arrows = Object.entries(below).map(([name, allowed]) => ({
  name: `${name}-looks-down`,
  comment: `${name} may import ${['itself', ...allowed].join(', ')} and nothing above.`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: {
    path: '^(packages|test|scripts)/',
    pathNot: `^packages/(${[name, ...allowed].join('|')})/`,
  },
}));

const rooms = [
  {
    name: 'domain-is-pure',
    comment: 'domain/ has no I/O, clock or environment: no module of Node, not even for a type.',
    severity: 'error',
    from: { path: `${inside}${domain}`, pathNot: anyTest },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'domain-takes-types-only',
    comment: 'domain/ takes no library but its types.',
    severity: 'error',
    from: { path: `${inside}${domain}`, pathNot: anyTest },
    to: {
      path: 'node_modules/',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'domain-knows-no-adapter',
    comment: 'domain/ imports only itself, in its own package.',
    severity: 'error',
    from: { path: `${inside}${domain}`, pathNot: anyTest },
    to: { path: '^packages/$1/src/', pathNot: `^packages/$1/src/(${domain})` },
  },
  {
    name: 'ports-know-no-adapter',
    comment: 'ports say what the domain needs from outside, in words of the domain.',
    severity: 'error',
    from: { path: `${inside}${ports}`, pathNot: anyTest },
    to: { path: '^packages/$1/src/', pathNot: `^packages/$1/src/(${domain}|${ports})` },
  },
  {
    name: 'adapters-know-no-entry',
    comment: 'Only the entry (api/, cli/, main.ts) wires things together.',
    severity: 'error',
    from: { path: inside, pathNot: `${anyTest}|${inside}(${entry})` },
    to: { path: `^packages/$1/src/(${entry})` },
  },
  {
    name: 'no-circle',
    comment: 'Two modules that import each other are one module.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'tests-stay-outside',
    comment: 'No product code imports a test.',
    severity: 'error',
    from: { pathNot: anyTest },
    to: { path: anyTest },
  },
  {
    name: 'nothing-unresolved',
    comment: 'An import that leads nowhere hides its arrow.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

export default {
  forbidden: [...arrows, ...rooms],
  options: {
    doNotFollow: { path: ['node_modules', '^packages/[^/]+/dist'] },
    exclude: { path: '^packages/[^/]+/dist/.*\\.map$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
};
