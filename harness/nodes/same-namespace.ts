/** The numbers by which a kernel tells its network namespaces apart. */
export interface NamespaceNumbers {
  readonly inode: number;
  /** Never given twice; empty where the kernel has none (before 5.14). */
  readonly cookie: string;
}

/** Whether two observations are of one namespace. An inode alone does not tell: it is given again as soon as it is free. */
export function isSameNamespace(a: NamespaceNumbers, b: NamespaceNumbers): boolean {
  return a.cookie !== "" && b.cookie !== "" ? a.cookie === b.cookie : a.inode === b.inode;
}
