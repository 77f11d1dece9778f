import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { configJsonSchema, configSchema, defaultConfig } from "./schema.ts";

describe("the configuration's schema", () => {
  const validate = new Ajv2020({ strict: false }).compile(configJsonSchema());

  it("has defaults that are valid and need nothing said", () => {
    expect(configSchema.parse(defaultConfig)).deep.equal(defaultConfig);
    expect(defaultConfig).deep.include({
      workers: 1,
      out: "plumbline-out",
      ipFamily: "ipv4",
      images: { source: "auto" },
    });
    expect(validate(defaultConfig), JSON.stringify(validate.errors)).equal(true);
    expect(validate({})).equal(true);
  });

  it("tells editors the same as the loader", () => {
    for (const bad of [
      { lanes: 0 },
      { lane: 1 },
      { images: { source: "docker" } },
      { cluster: { name: "A" } },
      { cases: "DEF-001" },
      { keep: "yes" },
    ]) {
      expect(validate(bad), JSON.stringify(bad)).equal(false);
      expect(configSchema.safeParse(bad).success, JSON.stringify(bad)).equal(false);
    }
  });

  it("describes every key", () => {
    const undescribed: string[] = [];
    const walk = (schema: Readonly<Record<string, unknown>>, path: string): void => {
      if (typeof schema["description"] !== "string") undescribed.push(path);
      const properties = (schema["properties"] ?? {}) as Record<string, Record<string, unknown>>;
      for (const [key, value] of Object.entries(properties)) walk(value, `${path}.${key}`);
    };
    walk(configJsonSchema(), "config");
    expect(undescribed).deep.equal([]);
  });
});
