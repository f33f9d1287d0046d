/** Asks again and again until the answer is there. Throws an Error that says what was waited for. */
export const eventually = async <Answer>(
  what: string,
  ask: () => Promise<Answer | undefined>,
  everyMs = 40,
  withinMs = 60_000,
): Promise<Answer> => {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`waited ${withinMs / 1000} s for ${what}`);
};

/**
 * People do not edit within a second of what they see. QuickBooks dates its notices to the second, so an edit in the very
 * second of our own write is looked at with the next gathering of echoes, up to 20 s later.
 */
export const timeForAPerson = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));
