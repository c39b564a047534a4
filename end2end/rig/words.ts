// The page's words, from the same files as the page's own: tests find things by what people read.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Language = "en" | "zh-CN";
export const LANGUAGES: Language[] = ["en", "zh-CN"];

export type Words = (key: string, values?: Record<string, string | number>) => string;

/**
 * The words of a language: `w("containers.title")`, with values `w("containers.selected", { n: 3 })`, where a text may have forms
 * by the number `n`. An unknown key fails the test, not the selector.
 */
export function words(language: Language): Words {
    const table = new Map<string, string>();
    const plural = new Intl.PluralRules(language);
    const add = (value: unknown, path: string[]) => {
        if (typeof value === "string") table.set(path.join("."), value);
        else for (const [key, inner] of Object.entries(value as object)) add(inner, [...path, key]);
    };
    add(JSON.parse(readFileSync(fileURLToPath(new URL(`../../app/locales/${language}.json`, import.meta.url)), "utf8")), []);
    return (key, values = {}) => {
        const form = "n" in values ? plural.select(Number(values.n)) : "other";
        const text = table.get(key) ?? table.get(`${key}.${form}`) ?? table.get(`${key}.other`);
        if (text === undefined) throw new Error(`no word ${key} in ${language}.json`);
        return text.replace(/\{(\w+)\}/g, (_all, name: string) => {
            if (!(name in values)) throw new Error(`${key} wants {${name}}`);
            return String(values[name]);
        });
    };
}
