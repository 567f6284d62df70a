/** The booking page: one card, spoken for by the session's cookie instead of a chat user's token. */

import { CalendarScheduling } from "./calendar-scheduling.js";

document.querySelector("calendar-availability").client = new CalendarScheduling();
