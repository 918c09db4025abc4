/** What stands for standard input, or output, where a file is wanted. */
export const STANDARD_STREAM = '-';
