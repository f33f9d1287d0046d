import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where files lie that papers speak of. */
const HOUSE = ['src', 'test', 'docs', 'sandbox', 'demo', 'bench', 'tools'] as const;
/** A changelog tells of its own time, and so may name what is no longer there. */
const ROOT_PAPERS = ['README.md', 'CONTRIBUTING.md'];

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => path.join(parentPath, name))
    : [];

const FILES = [...HOUSE.flatMap(filesBelow), ...readdirSync('.')];
const PAPERS = FILES.filter((file) =>
  file.includes('/') ? file.endsWith('.md') : ROOT_PAPERS.includes(file) && existsSync(file),
);

/** What stands in backticks or in a fence, word by word. */
const codeWords = (text: string): string[] => {
  const fences = [...text.matchAll(/^ *```[^\n]*\n(.*?)^ *```/gms)].map(([, inside]) => inside!);
  const spans = [...text.replace(/^ *```[^\n]*\n.*?^ *```/gms, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, inside]) => inside!,
  );
  return [...fences, ...spans].flatMap((code) => code.split(/[\s'"(){},;=]+/)).filter((word) => word !== '');
};

/** `<name>` and `*` stand for something, and so does three dots: such words are patterns of names, not names. */
const isPattern = (word: string): boolean => /[<>*…]|\.\.\./.test(word);

const isPath = (word: string): boolean => new RegExp(`^(?:${HOUSE.join('|')})/`).test(word);
const isFileName = (word: string): boolean => /^[\w][\w./-]*\.(?:ts|mjs|md|graphql|yml)$/.test(word);

const missingIn = (paper: string, text: string): string[] => {
  const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, to]) => to!);
  const words = codeWords(text).filter((word) => !isPattern(word));
  return [
    ...words.filter((word) => isPath(word) && !existsSync(word.replace(/:\d+$/, ''))),
    ...words.filter(
      (word) => isFileName(word) && !isPath(word) && !FILES.some((file) => `/${file}`.endsWith(`/${word}`)),
    ),
    ...links.filter((to) => !existsSync(path.join(path.dirname(paper), to))),
  ];
};

describe('the papers', () => {
  test.each(PAPERS.map((paper) => [paper]))('%s names no file that is not there', (paper) => {
    expect(missingIn(paper, readFileSync(paper, 'utf8'))).toEqual([]);
  });

  test('a wrong path, file name or link is found, in a sentence and in a command', () => {
    const text = 'See `src/nowhere/` and `no-such-file.ts`, [here](gone.md).\n```\nnpx jest test/lost.spec.ts\n```\n';
    expect(missingIn('docs/paper.md', text)).toEqual([
      'test/lost.spec.ts',
      'src/nowhere/',
      'no-such-file.ts',
      'gone.md',
    ]);
    expect(missingIn('docs/paper.md', '`src/modules/<name>/` and `src/main.ts:12`, [words](glossary.md)')).toEqual([]);
  });

  test('no paper speaks of a command, a setting or a metric that there is not', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const sources = FILES.filter((file) => /\.(?:ts|mjs)$/.test(file)).map((file) => readFileSync(file, 'utf8'));
    const isKnown = (word: string): boolean => sources.some((source) => source.includes(word));
    const unknown = PAPERS.flatMap((paper) => {
      const text = readFileSync(paper, 'utf8');
      const commands = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!);
      const names = text.match(/\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|concord_\w+_(?:total|seconds))\b/g) ?? [];
      return [
        ...commands.filter((name) => !(name in scripts)).map((name) => `${paper}: npm run ${name}`),
        ...[...new Set(names)].filter((name) => !isKnown(name)).map((name) => `${paper}: ${name}`),
      ];
    });
    expect(unknown).toEqual([]);
  });
});
