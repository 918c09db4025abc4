/** Something the user gave cannot be used: said in one line that names the place, what is wrong there, and the remedy. The program ends with status 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Where: an option, `FILE:LINE:COLUMN`, a row; empty where the problem says it. */
  readonly place: string;
  readonly problem: string;
  /** What to write instead; empty where the problem says it. */
  readonly remedy: string;

  constructor(place: string, problem: string, remedy = '') {
    super(oneLine(`${place === '' ? '' : `${place}: `}${problem}${remedy === '' ? '' : `; ${remedy}`}`));
    this.place = place;
    this.problem = problem;
    this.remedy = remedy;
  }

  /** The same error where the caller knows the place better. */
  at(place: string): UserError {
    return new UserError(place, this.problem, this.remedy);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
