/** The features any of which will do where a case needs one: `sriov-s1|sriov-s3` names two. */
export function alternativesOf(need: string): readonly string[] {
  return need.split("|");
}
