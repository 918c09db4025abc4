/**
 * The function itself, to be assigned to a property. V8 makes a function literal that is assigned to one an old object, from where it keeps what it closes over, as a rule a whole machine, until the next
 * collection of everything: the small collections between short runs would copy machines that are done with. What comes from a call is as young as what it belongs to.
 */
export function young<F extends (...parameters: never[]) => unknown>(made: F): F {
  return made;
}
