/** What stands in the record in place of a stack's name. */
export const EXISTING_STACK = "existing";
