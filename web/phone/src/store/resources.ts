/** What there is for the people of a grid, by sort, in the order shown. */

import type { Parcel, Resource, ResourceSort } from "./types";

const ORDER: ResourceSort[] = ["contact", "hazard", "facility", "service"];

export function resourcesOf(parcel: Parcel): [ResourceSort, Resource[]][] {
  const all = parcel.resources ?? [];
  return ORDER.map((sort): [ResourceSort, Resource[]] => [sort, all.filter((r) => r.sort === sort)]).filter(([, rows]) => rows.length > 0);
}
