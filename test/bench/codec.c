/*
 * Options decoded into a struct, and encoded from one, by hand-written C: what the codec is measured against.
 *
 * usage: codec decode|encode CORPUS SECONDS    prints nanoseconds of processor time an option, and the sum of all fields
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint8_t subtype, length, flags, id, count, summed;
  uint16_t port, level, checksum;
  uint32_t token, nonce, subflow;
  uint64_t first, second;
  uint8_t octets[40];
} option;

static uint16_t be16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static uint32_t be32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static uint64_t be64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return __builtin_bswap64(v); }

enum { BAD = 255 };

/* Octets fields stay in the buffer, as in the cursor. */
__attribute__((noinline)) static void decode(const uint8_t *p, unsigned length, option *o) {
  o->subtype = BAD;
  o->length = length;
  if (length < 3) return;
  unsigned subtype = p[2] >> 4;
  switch (subtype) {
  case 0:
    if (length != 4 && length != 12 && length != 20 && length != 22 && length != 24) return;
    o->id = p[2] & 15;
    o->flags = p[3];
    if (length >= 22) o->level = be16(p + 20);
    if (length == 24) o->checksum = be16(p + 22);
    break;
  case 1:
    if (length != 12 && length != 16 && length != 24) return;
    o->flags = p[2] & 1;
    o->id = p[3];
    if (length == 12) o->token = be32(p + 4);
    if (length < 24) o->nonce = be32(p + length - 4);
    break;
  case 2: {
    if (length < 4) return;
    unsigned flags = p[3] & 31, at = 4;
    unsigned bare = 4 + (flags & 1 ? (flags & 2 ? 8 : 4) : 0) + (flags & 4 ? (flags & 8 ? 14 : 10) : 0);
    if (length != bare && !(flags & 4 && length == bare + 2)) return;
    o->flags = flags;
    if (flags & 1) {
      if (flags & 2) { o->first = be64(p + at); at += 8; } else { o->first = be32(p + at); at += 4; }
    }
    if (flags & 4) {
      if (flags & 8) { o->second = be64(p + at); at += 8; } else { o->second = be32(p + at); at += 4; }
      o->subflow = be32(p + at);
      o->level = be16(p + at + 4);
      o->summed = length != bare;
      if (o->summed) o->checksum = be16(p + at + 6);
    }
    break;
  }
  case 3: {
    unsigned echo = p[2] & 1, mac = length == 16 || length == 18 || length == 28 || length == 30;
    unsigned bare = mac ? length - 8 : length;
    if ((bare != 8 && bare != 10 && bare != 20 && bare != 22) || (echo && mac) || (!echo && !mac)) return;
    o->flags = echo;
    o->id = p[3];
    o->count = bare < 20 ? 4 : 16;
    o->summed = (bare & 2) != 0;
    if (o->summed) o->port = be16(p + 4 + o->count);
    break;
  }
  case 4: if (length < 4) return; o->count = length - 3; break;
  case 5: if (length > 4) return; o->flags = p[2] & 1; if (length == 4) o->id = p[3]; break;
  case 6: if (length != 12) return; o->second = be64(p + 4); break;
  case 7: if (length != 12) return; break;
  case 8: if (length != 4) return; o->flags = p[2] & 15; o->id = p[3]; break;
  default: o->flags = p[2] & 15; break;
  }
  o->subtype = subtype;
}

/* Every field once; octets as the words that they are. */
static uint32_t sum(const option *o, const uint8_t *p) {
  uint32_t s = o->subtype;
  switch (o->subtype) {
  case 2:
    s += o->flags;
    if (o->flags & 1) { s += (uint32_t)o->first; if (o->flags & 2) s += o->first >> 32; }
    if (o->flags & 4) {
      s += (uint32_t)o->second + o->subflow + o->level;
      if (o->flags & 8) s += o->second >> 32;
      if (o->summed) s += o->checksum;
    }
    break;
  case 0:
    s += o->id + o->flags;
    if (o->length >= 12) s += be32(p + 4) + be32(p + 8);
    if (o->length >= 20) s += be32(p + 12) + be32(p + 16);
    if (o->length >= 22) s += o->level;
    if (o->length == 24) s += o->checksum;
    break;
  case 1:
    if (o->length == 24) { for (int i = 4; i < 24; i += 4) s += be32(p + i); break; }
    s += o->flags + o->id + o->nonce;
    if (o->length == 12) s += o->token; else s += be32(p + 4) + be32(p + 8);
    break;
  case 3:
    s += o->flags + o->id;
    for (int i = 0; i < o->count; i += 4) s += be32(p + 4 + i);
    if (o->summed) s += o->port;
    if (!o->flags) s += be32(p + o->length - 8) + be32(p + o->length - 4);
    break;
  case 4: for (int i = 0; i < o->count; i++) s += p[3 + i]; break;
  case 5: s += o->flags; if (o->length == 4) s += o->id; break;
  case 6: s += (uint32_t)o->second + (uint32_t)(o->second >> 32); break;
  case 7: s += be32(p + 4) + be32(p + 8); break;
  case 8: s += (o->flags & 1) + o->id; break;
  }
  return s;
}

static uint8_t *put16(uint8_t *p, uint16_t v) { v = __builtin_bswap16(v); memcpy(p, &v, 2); return p + 2; }
static uint8_t *put32(uint8_t *p, uint32_t v) { v = __builtin_bswap32(v); memcpy(p, &v, 4); return p + 4; }
static uint8_t *put64(uint8_t *p, uint64_t v) { v = __builtin_bswap64(v); memcpy(p, &v, 8); return p + 8; }

__attribute__((noinline)) static uint8_t *encode(const option *o, uint8_t *p) {
  uint8_t *start = p;
  *p++ = 30;
  *p++ = o->length;
  if (o->subtype == 2) {
    *p++ = 0x20;
    *p++ = o->flags;
    if (o->flags & 1) p = o->flags & 2 ? put64(p, o->first) : put32(p, o->first);
    if (o->flags & 4) {
      p = o->flags & 8 ? put64(p, o->second) : put32(p, o->second);
      p = put32(p, o->subflow);
      p = put16(p, o->level);
      if (o->summed) p = put16(p, o->checksum);
    }
    return p;
  }
  memcpy(p, o->octets + 2, o->length - 2);
  return start + o->length;
}

static uint8_t *octets;
static uint32_t *offsets, lists;

static uint32_t decode_all(uint64_t *options) {
  uint32_t s = 0;
  option o;
  for (uint32_t i = 0; i < lists; i++) {
    const uint8_t *p = octets + offsets[i], *end = octets + offsets[i + 1];
    while (p < end) {
      if (*p == 1) { p++; continue; }
      if (*p == 0 || end - p < 2 || p[1] < 2 || p + p[1] > end) break;
      if (*p == 30) { decode(p, p[1], &o); s += sum(&o, p); ++*options; }
      p += p[1];
    }
  }
  return s;
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[2], "rb");
  uint32_t head[2];
  if (file == NULL || fread(head, 4, 2, file) != 2) return 1;
  lists = head[0];
  offsets = malloc(4 * (lists + 1));
  octets = malloc(head[1] + 64);
  if (fread(offsets, 4, lists + 1, file) != lists + 1 || fread(octets, 1, head[1], file) != head[1]) return 1;
  double least = atof(argv[3]);
  option *all = NULL;
  uint32_t known = 0;
  uint8_t *out = malloc(head[1] + 64);
  if (argv[1][0] == 'e') {
    all = calloc(lists, sizeof *all);
    for (uint32_t i = 0; i < lists; i++) {
      const uint8_t *p = octets + offsets[i] + 12;
      if (p >= octets + offsets[i + 1] || *p != 30) continue;
      option *o = &all[known];
      decode(p, p[1], o);
      if (o->subtype == BAD) continue;
      memcpy(o->octets, p, p[1]);
      known++;
    }
  }
  uint64_t options = 0;
  uint32_t result = 0;
  double start = 0, end = 0;
  /* The first half warms up. */
  for (int warm = 1; warm >= 0; warm--) {
    options = 0;
    start = seconds();
    do {
      if (all == NULL) {
        result = decode_all(&options);
      } else {
        uint8_t *p = out;
        for (uint32_t i = 0; i < known; i++) p = encode(&all[i], p);
        options += known;
        result = p - out;
      }
      __asm__ volatile("" : : "r"(result) : "memory");
      end = seconds();
    } while (end - start < least / 2);
  }
  printf("%.3f %u\n", (end - start) * 1e9 / options, result);
  return 0;
}
