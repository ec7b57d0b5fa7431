/** The pages and their addresses, all under /phone/. */

import { createRouter, createWebHistory } from "vue-router";
import TodayPage from "./pages/TodayPage.vue";
import HouseholdsPage from "./pages/HouseholdsPage.vue";
import HouseholdPage from "./pages/HouseholdPage.vue";
import GridPage from "./pages/GridPage.vue";
import VisitPage from "./pages/VisitPage.vue";
import ProposePage from "./pages/ProposePage.vue";
import ReportPage from "./pages/ReportPage.vue";
import SavedPage from "./pages/SavedPage.vue";
import MatterPage from "./pages/MatterPage.vue";
import MattersPage from "./pages/MattersPage.vue";
import PoliciesPage from "./pages/PoliciesPage.vue";
import PolicyPage from "./pages/PolicyPage.vue";
import MePage from "./pages/MePage.vue";
import OutboxPage from "./pages/OutboxPage.vue";
import TroublePage from "./pages/TroublePage.vue";
import PinPage from "./pages/PinPage.vue";
import EnrolPage from "./pages/EnrolPage.vue";

export const router = createRouter({
  history: createWebHistory("/phone/"),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", name: "today", component: TodayPage },
    { path: "/households", name: "households", component: HouseholdsPage },
    { path: "/households/:id", name: "household", component: HouseholdPage, props: true },
    { path: "/households/:id/visit", name: "visit", component: VisitPage, props: true },
    { path: "/households/:id/change", name: "propose", component: ProposePage, props: true },
    { path: "/grid", name: "grid", component: GridPage },
    { path: "/report", name: "report", component: ReportPage },
    { path: "/saved/:id", name: "saved", component: SavedPage, props: true },
    { path: "/matters", name: "matters", component: MattersPage },
    { path: "/matters/:id", name: "matter", component: MatterPage, props: true },
    { path: "/policies", name: "policies", component: PoliciesPage },
    { path: "/policies/:code", name: "policy", component: PolicyPage, props: true },
    { path: "/me", name: "me", component: MePage },
    { path: "/outbox", name: "outbox", component: OutboxPage },
    { path: "/trouble/:id", name: "trouble", component: TroublePage, props: true },
    { path: "/lock", name: "lock", component: PinPage },
    { path: "/enrol", name: "enrol", component: EnrolPage },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});
