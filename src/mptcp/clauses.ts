/**
 * The rules that one option in its segment can break: code, severity, RFC section, and the
 * rule in our words. `violations` applies them; docs/violations.md lists them.
 *
 * @module
 */

/** `note` for what no receiver looks at or what is merely unwise; else `warning`. */
export type Severity = 'warning' | 'note';

/** Stable name of a rule. */
export type ClauseCode =
  | 'malformed-kind'
  | 'malformed-truncated'
  | 'malformed-length'
  | 'malformed-no-hmac'
  | 'malformed-family'
  | 'unknown-subtype'
  | 'capable-role'
  | 'capable-role-v0'
  | 'capable-form-v0'
  | 'capable-version-unknown'
  | 'capable-version-mismatch'
  | 'capable-extensibility'
  | 'capable-algorithm-none'
  | 'capable-algorithm-unknown'
  | 'capable-algorithm-unknown-v0'
  | 'capable-data-level-length-missing'
  | 'capable-data-level-length-unused'
  | 'capable-data-level-length-zero'
  | 'capable-checksum-flag'
  | 'capable-checksum-missing'
  | 'capable-checksum-not-negotiated'
  | 'join-role'
  | 'join-data'
  | 'join-reserved'
  | 'dss-on-syn'
  | 'dss-checksum-missing'
  | 'dss-checksum-not-negotiated'
  | 'dss-data-fin-without-mapping'
  | 'dss-data-fin-length'
  | 'dss-data-fin-subflow-sequence-number'
  | 'dss-infinite-mapping-checksum'
  | 'dss-reserved'
  | 'add-addr-on-syn'
  | 'add-addr-version'
  | 'add-addr-address'
  | 'add-addr-address-id-zero'
  | 'add-addr-port-zero'
  | 'add-addr-reserved'
  | 'remove-addr-on-syn'
  | 'remove-addr-too-many'
  | 'remove-addr-repeated'
  | 'remove-addr-reserved'
  | 'prio-on-syn'
  | 'prio-address-id'
  | 'prio-reserved'
  | 'fail-on-syn'
  | 'fail-without-checksum'
  | 'fail-reserved'
  | 'fastclose-on-syn'
  | 'fastclose-on-rst-v0'
  | 'fastclose-reserved'
  | 'tcprst-without-rst'
  | 'tcprst-v0'
  | 'tcprst-reason-unassigned'
  | 'tcprst-reserved';

/** One rule. */
export interface Clause {
  readonly severity: Severity;
  /** Where the rule stands, such as `8684 §3.1`. */
  readonly rfc: string;
  /** The rule, in one sentence. */
  readonly rule: string;
}

/** Every rule that `violations` knows, in the order of the subtypes. */
export const CLAUSES: Readonly<Record<ClauseCode, Clause>> = /* @__PURE__ */ clauses();

function clauses(): Record<ClauseCode, Clause> {
  return {
    'malformed-kind': warning('8684 §7.1', 'MPTCP options have kind 30.'),
    'malformed-truncated': warning('9293 §3.1', 'An option ends inside the TCP header that carries it.'),
    'malformed-length': warning('8684 §3', "An option's Length is one of those that its subtype and flags allow."),
    'malformed-no-hmac': warning(
      '8684 §3.4.1',
      'ADD_ADDR of version 1 carries an HMAC, or E to say that it is an echo.',
    ),
    'malformed-family': warning('6824 §3.4.1', 'IPVer and Length of ADD_ADDR name the same address family.'),
    'unknown-subtype': note('8684 §7.2', 'Subtypes 0x9 to 0xe are unassigned: nobody knows what to do with them.'),

    'capable-role': warning(
      '8684 §3.1',
      'In version 1 the SYN carries no key, the SYN/ACK that of its sender, and the ACK both.',
    ),
    'capable-role-v0': warning(
      '6824 §3.1',
      'In version 0 SYN and SYN/ACK carry the key of their sender, and the ACK both.',
    ),
    'capable-form-v0': warning('6824 §3.1', 'In version 0 the Length is 12 or 20.'),
    'capable-version-unknown': note('8684 §3.1', 'Versions 0 and 1 are defined; what later ones look like is not.'),
    'capable-version-mismatch': warning(
      '8684 §3.1',
      'SYN/ACK and ACK carry the version that both hosts use on the connection.',
    ),
    'capable-extensibility': warning(
      '8684 §3.1',
      'Flag B is 0: a host that meets it set answers as plain TCP, or in version 0 not at all.',
    ),
    'capable-algorithm-none': warning(
      '8684 §3.1',
      'At least one of the flags D to H names a handshake algorithm; an option without any is ignored.',
    ),
    'capable-algorithm-unknown': warning(
      '8684 §7.3',
      'Only flag H names a known algorithm (HMAC-SHA256); Linux ignores an option with D, E, F or G.',
    ),
    'capable-algorithm-unknown-v0': warning(
      '6824 §3.1',
      'In version 0 only flag H names a known algorithm (HMAC-SHA1); C to G stay 0, and C says nothing about joins.',
    ),
    'capable-data-level-length-missing': warning(
      '8684 §3.1',
      'In version 1 both keys on a segment with data come with the length of that data.',
    ),
    'capable-data-level-length-unused': warning(
      '8684 §3.1',
      'A Data-Level Length comes with the data that it maps, not on a segment without any.',
    ),
    'capable-data-level-length-zero': warning('8684 §3.1', 'The Data-Level Length beside keys maps one octet or more.'),
    'capable-checksum-flag': warning('8684 §3.1', 'Flag A of the ACK says what SYN and SYN/ACK agreed on.'),
    'capable-checksum-missing': warning(
      '8684 §3.1',
      'Where checksums are agreed on, a Data-Level Length beside keys has one behind it.',
    ),
    'capable-checksum-not-negotiated': warning(
      '8684 §3.1',
      'Where checksums are not agreed on, none stands behind the Data-Level Length.',
    ),

    'join-role': warning(
      '8684 §3.2',
      'The SYN carries token and nonce, the SYN/ACK truncated HMAC and nonce, the ACK the HMAC.',
    ),
    'join-data': warning('8684 §3.2', 'No data goes with the HMAC: the joining host waits until that ACK is answered.'),
    'join-reserved': note('8684 §3.2', 'Reserved bits of MP_JOIN are sent as 0.'),

    'dss-on-syn': warning('8684 §3.3', 'DSS is for segments behind the handshake; on a SYN it is ignored.'),
    'dss-checksum-missing': warning('8684 §3.3', 'Where checksums are agreed on, every mapping has one.'),
    'dss-checksum-not-negotiated': warning('8684 §3.3', 'Where checksums are not agreed on, no mapping has one.'),
    'dss-data-fin-without-mapping': warning(
      '8684 §3.3.3',
      'F comes with a mapping (M), which gives the DATA_FIN its sequence number.',
    ),
    'dss-data-fin-length': warning(
      '8684 §3.3.3',
      'The Data-Level Length counts the DATA_FIN, so it is 1 or more with F.',
    ),
    'dss-data-fin-subflow-sequence-number': note(
      '8684 §3.3.3',
      'A DATA_FIN without data has Subflow Sequence Number 0; receivers accept any.',
    ),
    'dss-infinite-mapping-checksum': warning(
      '8684 §3.7',
      'The checksum of an infinite mapping (Data-Level Length 0) is 0: its data has no end to sum up to.',
    ),
    'dss-reserved': note('8684 §3.3', 'Reserved bits of DSS are 0, and so are m without M and a without A.'),

    'add-addr-on-syn': warning('8684 §3.4.1', 'Addresses are advertised on an established subflow, not on a SYN.'),
    'add-addr-version': warning(
      '8684 §3.4.1',
      'ADD_ADDR has the layout of the version in use: HMAC and echo in version 1, IPVer in version 0.',
    ),
    'add-addr-address': note(
      '8684 §3.4.1',
      'The address is one that the peer can connect to: not unspecified, loopback, multicast, broadcast or IPv4-mapped.',
    ),
    'add-addr-address-id-zero': note(
      '8684 §3.4.1',
      'Address ID 0 is that of the first subflow; Linux echoes it and never joins it.',
    ),
    'add-addr-port-zero': warning('8684 §3.4.1', 'A port that is there is one to connect to, so it is not 0.'),
    'add-addr-reserved': note('8684 §3.4.1', 'Reserved bits of ADD_ADDR are sent as 0.'),

    'remove-addr-on-syn': warning('8684 §3.4.2', 'Addresses are withdrawn on an established subflow, not on a SYN.'),
    'remove-addr-too-many': note(
      '8684 §3.4.2',
      'Linux ignores an option that withdraws more than 8 addresses at once.',
    ),
    'remove-addr-repeated': note('8684 §3.4.2', 'An Address ID is withdrawn once.'),
    'remove-addr-reserved': note('8684 §3.4.2', 'Reserved bits of REMOVE_ADDR are sent as 0.'),

    'prio-on-syn': warning(
      '8684 §3.3.8',
      'A priority changes on an established subflow; a SYN has its own B in MP_JOIN.',
    ),
    'prio-address-id': warning(
      '8684 §3.3.8',
      'In version 1 MP_PRIO is about the subflow that carries it and has no Address ID; Linux ignores one that has.',
    ),
    'prio-reserved': note('8684 §3.3.8', 'Reserved bits of MP_PRIO are sent as 0.'),

    'fail-on-syn': warning('8684 §3.7', 'MP_FAIL reports on data received, which a SYN cannot do.'),
    'fail-without-checksum': warning(
      '8684 §3.7',
      'MP_FAIL reports a checksum, so checksums are in use on the connection.',
    ),
    'fail-reserved': note('8684 §3.7', 'Reserved bits of MP_FAIL are sent as 0.'),

    'fastclose-on-syn': warning('8684 §3.5', 'MP_FASTCLOSE closes an established connection, which a SYN cannot do.'),
    'fastclose-on-rst-v0': warning(
      '6824 §3.5',
      'In version 0 MP_FASTCLOSE comes on an ACK; only version 1 has it on a RST.',
    ),
    'fastclose-reserved': note('8684 §3.5', 'Reserved bits of MP_FASTCLOSE are sent as 0.'),

    'tcprst-without-rst': warning(
      '8684 §3.6',
      'MP_TCPRST gives the reason of the RST that carries it; elsewhere it is ignored.',
    ),
    'tcprst-v0': warning('8684 §3.6', 'MP_TCPRST came with version 1; version 0 does not know it.'),
    'tcprst-reason-unassigned': note('8684 §7.4', 'Reasons 0 to 6 are assigned; any other tells the peer nothing.'),
    'tcprst-reserved': note('8684 §3.6', 'Flags U, V and W are sent as 0 and ignored.'),
  };
}

function warning(rfc: string, rule: string): Clause {
  return { severity: 'warning', rfc, rule };
}

function note(rfc: string, rule: string): Clause {
  return { severity: 'note', rfc, rule };
}
