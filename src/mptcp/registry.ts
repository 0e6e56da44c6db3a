/**
 * The numbers IANA and the RFCs assign: option kind, subtypes, reset reasons, and their names.
 *
 * @module
 */

/** TCP option kind of Multipath TCP. RFC 8684 §7.1. */
export const KIND = 30;

/** MPTCP option subtypes. RFC 8684 §7.2. */
export const Subtype = {
  MP_CAPABLE: 0x0,
  MP_JOIN: 0x1,
  DSS: 0x2,
  ADD_ADDR: 0x3,
  REMOVE_ADDR: 0x4,
  MP_PRIO: 0x5,
  MP_FAIL: 0x6,
  MP_FASTCLOSE: 0x7,
  MP_TCPRST: 0x8,
  MP_EXPERIMENTAL: 0xf,
} as const;

/** Why a subflow was reset, as MP_TCPRST says it. RFC 8684 §3.6. */
export const ResetReason = {
  UNSPECIFIED: 0,
  MPTCP_SPECIFIC: 1,
  LACK_OF_RESOURCES: 2,
  ADMINISTRATIVELY_PROHIBITED: 3,
  TOO_MUCH_OUTSTANDING_DATA: 4,
  UNACCEPTABLE_PERFORMANCE: 5,
  MIDDLEBOX_INTERFERENCE: 6,
} as const;

/** RFC 8684 §7.4: the registry's words for each {@link ResetReason}. */
export const RESET_REASON_TEXT: Readonly<Record<number, string>> = {
  0: 'Unspecified error',
  1: 'MPTCP-specific error',
  2: 'Lack of resources',
  3: 'Administratively prohibited',
  4: 'Too much outstanding data',
  5: 'Unacceptable performance',
  6: 'Middlebox interference',
};

/** RFC 8684 §7.2: the symbol of each subtype. */
export const SUBTYPE_TEXT: Readonly<Record<number, string>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ Object.entries(Subtype).map(([name, value]) => [value, name]),
);
