import { pagesOf } from '../page-style.ts';

export const wholePage = pagesOf('AccountEdge');
