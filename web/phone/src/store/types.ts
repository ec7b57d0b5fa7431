/** What the office sends down; the same shapes as contracts/answers.schema.json. */

export interface Person {
  name: string;
  roles: string[];
}

export interface Me {
  epoch: string;
  person: Person;
  grids: Record<string, number>;
  server_time: string;
  min_schema: number;
  mine: number;
  /** The highest number of a letter that the office knows of this phone. */
  last_seq?: number;
  /** To whom this phone seals what it writes, and in whose name; see outbox/seal.ts. */
  rescue?: { version: number; key: string; writer?: string };
  places: Record<string, string>;
  demo?: boolean;
  /** How long the copy may be kept without another contact. */
  lease_hours?: number;
  /** The office asks for a new credential; see sync/renew.ts. */
  renew?: boolean;
}

/** A letter of mine that waited for somebody, and what he wrote; `taken`: it counts now. */
export interface Settled {
  id: string;
  taken: boolean;
  words: string;
  at: string;
}

export type Grade = "green" | "yellow" | "red";

export interface Member {
  id: string;
  name: string;
  relation: string;
  sex: string;
  birth_year: number | null;
  residence: "home" | "away";
  away_to?: string | null;
  phone?: string | null;
  /** The office knows a number and keeps it: of a minor, or of somebody who asked that it be set aside. */
  phone_hidden?: boolean;
  version: number;
}

export interface Proposal {
  id: string;
  what: string;
  words: string;
  person_id: string | null;
  at: string;
  by: string;
  state: "open" | "accepted" | "declined";
  reply: string;
}

export interface Household {
  id: string;
  code: string;
  head: string;
  initials: string;
  address: string;
  grade?: Grade | null;
  grade_why?: string | null;
  members: Member[];
  /** What phones said of it: still open, or decided lately. */
  proposals?: Proposal[];
  last_visit: Visit | null;
  /** The latest visits, of whoever went, latest first. */
  visits?: (Visit & { duties: string[] })[];
}

export interface Visit {
  on: string;
  by: string;
  words: string | null;
}

export type Stage =
  | "reported" | "accepted" | "dispatched" | "handling" | "waiting" | "answered" | "verified" | "closed" | "merged";

export interface Said {
  words: string;
  at: string;
  by: string;
}

export interface Step {
  verb: string;
  at: string;
  by: string | null;
  words: string | null;
}

export interface Matter {
  id: string;
  ref: string;
  category: string;
  words: string;
  stage: Stage;
  visibility: "ordinary" | "sensitive" | "about_official";
  household_id: string | null;
  place: string;
  reported_at: string;
  reporter: string | null;
  mine: boolean;
  office: string | null;
  office_name: string | null;
  due_on: string | null;
  answer: Said | null;
  ask: Said | null;
  waiting_on_me: boolean;
  rating: { score: number; words: string | null } | null;
  steps: Step[];
}

export interface Notice {
  id: string;
  title: string;
  words: string;
  on: string;
}

export interface VisitDue {
  household_id: string;
  /** The day planned, never later than `due_on`; a parcel from before an upgrade has none. */
  plan_on?: string;
  due_on: string;
  /** How often one goes there, and whose figure that is. */
  why: string;
}

export type ResourceSort = "contact" | "hazard" | "facility" | "service";

export interface Resource {
  id: string;
  sort: ResourceSort;
  kind: string;
  name: string;
  words: string;
  /** To dial. */
  phone: string | null;
  place: string;
}

export interface Parcel {
  grid: string;
  version: number;
  name: string;
  place_names: Record<string, string>;
  households: Household[];
  matters: Matter[];
  visits_due: VisitDue[];
  visit_plan?: { per_day: number; label: string };
  resources?: Resource[];
  notices: Notice[];
}

export interface Category {
  code: string;
  name: string;
  top: string;
  icon: string | null;
  visibility: "ordinary" | "sensitive" | "about_official";
  who_sees: string;
  clock_words: string;
  limit_days: number | null;
}

export interface Policy {
  code: string;
  title: string;
  summary: string;
  body: string;
  source: string;
  on: string;
}

export interface Calendar {
  off: string[];
  on: string[];
  until: string;
}

export interface Catalogue {
  etag: string;
  categories: Category[];
  duties: { code: string; name: string }[];
  calendar: Calendar;
  policies: Policy[];
  words: Record<string, string>;
  /** What a code on a letter that waits asks of its writer; see words/refusals.ts. */
  letters?: Record<string, { sender: string; why?: string }>;
  offices: Record<string, unknown>;
}
