/** Building pages that are ahead of the code. */

/** What fails stops the build; with `--draft` it is a remark on the page, for pages that are ahead of the code. */
export function orDraft(error: Error): string {
  if (!process.argv.includes('--draft')) throw error;
  console.warn(error.message.split('\n').slice(0, 3).join(' '));
  return `DRAFT: ${error.message}`;
}
