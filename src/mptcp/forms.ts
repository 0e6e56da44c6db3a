/**
 * Every wire shape of every MPTCP option, in the order of their subtypes.
 *
 * @module
 */
import type { Form } from '../layout.ts';
import { ADD_ADDR_FORMS } from './add-addr.ts';
import { DSS_FORMS } from './dss.ts';
import { MP_CAPABLE_FORMS } from './mp-capable.ts';
import { MP_EXPERIMENTAL_FORMS } from './mp-experimental.ts';
import { MP_FAIL_FORMS } from './mp-fail.ts';
import { MP_FASTCLOSE_FORMS } from './mp-fastclose.ts';
import { MP_JOIN_FORMS } from './mp-join.ts';
import { MP_PRIO_FORMS } from './mp-prio.ts';
import { MP_TCPRST_FORMS } from './mp-tcprst.ts';
import { REMOVE_ADDR_FORMS } from './remove-addr.ts';
import { UNKNOWN_FORMS } from './unknown.ts';

/** The forms of all options. An option that decodes has exactly one of them. */
export const FORMS: readonly Form[] = /* @__PURE__ */ [
  MP_CAPABLE_FORMS,
  MP_JOIN_FORMS,
  DSS_FORMS,
  ADD_ADDR_FORMS,
  REMOVE_ADDR_FORMS,
  MP_PRIO_FORMS,
  MP_FAIL_FORMS,
  MP_FASTCLOSE_FORMS,
  MP_TCPRST_FORMS,
  UNKNOWN_FORMS,
  MP_EXPERIMENTAL_FORMS,
].flat();
