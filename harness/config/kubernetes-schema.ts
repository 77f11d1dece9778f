import { z } from "zod";

/** A release of Kubernetes, as its Go module and its images are called. */
export const kubernetesSchema = z.string().regex(/^v1\.\d+\.\d+$/, "must be a release such as v1.34.4");
