/** `open`: the page was not confirmed yet. `started`: a browser is on its way. `ended`: it came back, or never may. */
export const TICKET_STATES = ['open', 'started', 'ended'] as const;
export type TicketState = (typeof TICKET_STATES)[number];
