import { removeStale } from "./docker.ts";

export default async function setup(): Promise<void> {
    await removeStale();
}
