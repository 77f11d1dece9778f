import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "chai";
import { packageFile } from "../core/package-root.ts";
import { eventsJsonSchema } from "./events.ts";
import { sampleEvents } from "./sample-events.test-support.ts";

describe("schemas/events.schema.json", () => {
  const shipped: unknown = JSON.parse(readFileSync(packageFile("schemas", "events.schema.json"), "utf8"));

  it("is made from the types", () => {
    expect(shipped).to.deep.equal(eventsJsonSchema());
  });

  it("accepts every event and refuses a strange one", () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    addFormats.default(ajv);
    const validate = ajv.compile(shipped as object);
    for (const event of sampleEvents()) expect(validate(event), JSON.stringify(validate.errors)).to.equal(true);
    expect(validate({ ...sampleEvents()[0], selection: "all" })).to.equal(false);
  });
});
