/*
 * pcap to the NDJSON of `decode -o ndjson`, by hand-written C: what the program is measured against.
 * Ethernet, IPv4 and IPv6 without extension headers; microseconds; little-endian.
 *
 * usage: ndjson FILE
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint16_t be16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static uint32_t be32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static uint64_t be64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return __builtin_bswap64(v); }

static const char PAIRS[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
static const char HEX[] = "0123456789abcdef";

#define TEXT(s) (memcpy(p, s, sizeof(s) - 1), p += sizeof(s) - 1)

static char *decimal(char *p, uint64_t v) {
  char text[20];
  int at = 20;
  while (v >= 100) { at -= 2; memcpy(text + at, PAIRS + 2 * (v % 100), 2); v /= 100; }
  if (v >= 10) { at -= 2; memcpy(text + at, PAIRS + 2 * v, 2); } else text[--at] = '0' + v;
  memcpy(p, text + at, 20 - at);
  return p + 20 - at;
}

static char *digits(char *p, uint32_t v, int count) {
  for (int i = count - 1; i >= 0; i--) { p[i] = '0' + v % 10; v /= 10; }
  return p + count;
}

static char *hex(char *p, const uint8_t *octets, int count) {
  for (int i = 0; i < count; i++) { *p++ = HEX[octets[i] >> 4]; *p++ = HEX[octets[i] & 15]; }
  return p;
}

static char *ipv4(char *p, const uint8_t *a) {
  for (int i = 0; i < 4; i++) { p = decimal(p, a[i]); *p++ = '.'; }
  return p - 1;
}

static char *ipv6(char *p, const uint8_t *a) {
  int start = 8, longest = 1, run = 0;
  for (int i = 0; i < 8; i++) {
    run = be16(a + 2 * i) == 0 ? run + 1 : 0;
    if (run > longest) { longest = run; start = i + 1 - run; }
  }
  for (int i = 0; i < 8; i++) {
    if (i == start) { *p++ = ':'; *p++ = ':'; i += longest - 1; continue; }
    if (i > 0 && i != start + longest) *p++ = ':';
    uint16_t v = be16(a + 2 * i);
    if (v > 0xfff) *p++ = HEX[v >> 12];
    if (v > 0xff) *p++ = HEX[v >> 8 & 15];
    if (v > 0xf) *p++ = HEX[v >> 4 & 15];
    *p++ = HEX[v & 15];
  }
  return p;
}

static char *boolean(char *p, int value) { return value ? TEXT("true") : TEXT("false"); }

static char *reserved(char *p, unsigned bits) {
  if (bits != 0) { TEXT(",\"reserved\":"); p = decimal(p, bits); }
  *p++ = '}';
  return p;
}

static char *malformed(char *p, const char *reason, int at, const uint8_t *o, unsigned length) {
  TEXT("{\"type\":\"MALFORMED\",\"reason\":\"");
  p = stpcpy(p, reason);
  TEXT("\",\"at\":");
  p = decimal(p, at);
  TEXT(",\"bytes\":\"");
  p = hex(p, o, length);
  TEXT("\"}");
  return p;
}

static const char *REASONS[] = {
    "Unspecified error", "MPTCP-specific error", "Lack of resources", "Administratively prohibited",
    "Too much outstanding data", "Unacceptable performance", "Middlebox interference",
};

static char *option(char *p, const uint8_t *o, unsigned length) {
  if (length < 3) return malformed(p, "length", 1, o, length);
  unsigned low = o[2] & 15;
  switch (o[2] >> 4) {
  case 0: {
    if (length < 4 || (low < 2 && length != 4 && length != 12 && length != 20 && length != 22 && length != 24)) break;
    TEXT("{\"type\":\"MP_CAPABLE\",\"version\":");
    p = decimal(p, low);
    TEXT(",\"checksumRequired\":");
    p = boolean(p, o[3] & 0x80);
    TEXT(",\"extensibility\":");
    p = boolean(p, o[3] & 0x40);
    TEXT(",\"denyJoin\":");
    p = boolean(p, o[3] & 0x20);
    TEXT(",\"algorithms\":");
    p = decimal(p, o[3] & 0x1f);
    if (low > 1) {
      TEXT(",\"data\":\"");
      p = hex(p, o + 4, length - 4);
      *p++ = '"';
    } else {
      if (length >= 12) { TEXT(",\"senderKey\":\""); p = hex(p, o + 4, 8); *p++ = '"'; }
      if (length >= 20) { TEXT(",\"receiverKey\":\""); p = hex(p, o + 12, 8); *p++ = '"'; }
      if (length >= 22) { TEXT(",\"dataLevelLength\":"); p = decimal(p, be16(o + 20)); }
      if (length == 24) { TEXT(",\"checksum\":"); p = decimal(p, be16(o + 22)); }
    }
    *p++ = '}';
    return p;
  }
  case 1:
    if (length == 24) {
      TEXT("{\"type\":\"MP_JOIN\",\"form\":\"ack\",\"hmac\":\"");
      p = hex(p, o + 4, 20);
      *p++ = '"';
      return reserved(p, be16(o + 2) & 0xfff);
    }
    if (length != 12 && length != 16) break;
    if (length == 12) TEXT("{\"type\":\"MP_JOIN\",\"form\":\"syn\",\"backup\":");
    else TEXT("{\"type\":\"MP_JOIN\",\"form\":\"syn-ack\",\"backup\":");
    p = boolean(p, low & 1);
    TEXT(",\"addressId\":");
    p = decimal(p, o[3]);
    if (length == 12) TEXT(",\"receiverToken\":\""); else TEXT(",\"truncatedHmac\":\"");
    p = hex(p, o + 4, length - 8);
    TEXT("\",\"nonce\":\"");
    p = hex(p, o + length - 4, 4);
    *p++ = '"';
    return reserved(p, low & 14);
  case 2: {
    if (length < 4) break;
    unsigned flags = o[3], at = 4;
    unsigned bare = 4 + (flags & 1 ? (flags & 2 ? 8 : 4) : 0) + (flags & 4 ? (flags & 8 ? 14 : 10) : 0);
    if (length != bare && !(flags & 4 && length == bare + 2)) break;
    TEXT("{\"type\":\"DSS\",\"dataFin\":");
    p = boolean(p, flags & 16);
    if (flags & 1) {
      TEXT(",\"dataAck\":");
      if (flags & 2) { *p++ = '"'; p = decimal(p, be64(o + at)); *p++ = '"'; at += 8; }
      else { p = decimal(p, be32(o + at)); at += 4; }
    }
    if (flags & 4) {
      TEXT(",\"mapping\":{\"dataSequenceNumber\":");
      if (flags & 8) { *p++ = '"'; p = decimal(p, be64(o + at)); *p++ = '"'; at += 8; }
      else { p = decimal(p, be32(o + at)); at += 4; }
      TEXT(",\"subflowSequenceNumber\":");
      p = decimal(p, be32(o + at));
      TEXT(",\"dataLevelLength\":");
      p = decimal(p, be16(o + at + 4));
      if (length != bare) { TEXT(",\"checksum\":"); p = decimal(p, be16(o + at + 6)); }
      *p++ = '}';
    }
    return reserved(p, be16(o + 2) & (0xfe0 | (flags & 4 ? 0 : 8) | (flags & 1 ? 0 : 2)));
  }
  case 3: {
    unsigned mac = length == 16 || length == 18 || length == 28 || length == 30, echo = low & 1;
    unsigned bare = mac ? length - 8 : length, size = bare < 20 ? 4 : 16;
    if ((bare != 8 && bare != 10 && bare != 20 && bare != 22) || (echo && mac)) break;
    if (!mac && !echo && low != 4 && low != 6) return malformed(p, "no-hmac", 2, o, length);
    if (!mac && !echo && low != (size == 4 ? 4 : 6)) return malformed(p, "family", 2, o, length);
    TEXT("{\"type\":\"ADD_ADDR\",\"version\":");
    *p++ = mac || echo ? '1' : '0';
    TEXT(",\"echo\":");
    p = boolean(p, echo);
    TEXT(",\"addressId\":");
    p = decimal(p, o[3]);
    TEXT(",\"address\":\"");
    p = size == 4 ? ipv4(p, o + 4) : ipv6(p, o + 4);
    *p++ = '"';
    if (bare & 2) { TEXT(",\"port\":"); p = decimal(p, be16(o + 4 + size)); }
    if (mac) { TEXT(",\"truncatedHmac\":\""); p = hex(p, o + bare, 8); *p++ = '"'; }
    return reserved(p, mac || echo ? low & 14 : 0);
  }
  case 4:
    if (length < 4) break;
    TEXT("{\"type\":\"REMOVE_ADDR\",\"addressIds\":[");
    for (unsigned i = 3; i < length; i++) { if (i > 3) *p++ = ','; p = decimal(p, o[i]); }
    *p++ = ']';
    return reserved(p, low);
  case 5:
    if (length > 4) break;
    TEXT("{\"type\":\"MP_PRIO\",\"backup\":");
    p = boolean(p, low & 1);
    if (length == 4) { TEXT(",\"addressId\":"); p = decimal(p, o[3]); }
    return reserved(p, low & 14);
  case 6:
    if (length != 12) break;
    TEXT("{\"type\":\"MP_FAIL\",\"dataSequenceNumber\":\"");
    p = decimal(p, be64(o + 4));
    *p++ = '"';
    return reserved(p, be16(o + 2) & 0xfff);
  case 7:
    if (length != 12) break;
    TEXT("{\"type\":\"MP_FASTCLOSE\",\"receiverKey\":\"");
    p = hex(p, o + 4, 8);
    *p++ = '"';
    return reserved(p, be16(o + 2) & 0xfff);
  case 8:
    if (length != 4) break;
    TEXT("{\"type\":\"MP_TCPRST\",\"transient\":");
    p = boolean(p, low & 1);
    TEXT(",\"reason\":");
    p = decimal(p, o[3]);
    p = reserved(p, low & 14) - 1;
    TEXT(",\"reasonText\":\"");
    p = stpcpy(p, o[3] < 7 ? REASONS[o[3]] : "unassigned");
    TEXT("\"}");
    return p;
  case 15:
    TEXT("{\"type\":\"MP_EXPERIMENTAL\",\"data\":\"");
    p = hex(p, o + 3, length - 3);
    *p++ = '"';
    return reserved(p, low);
  default:
    TEXT("{\"type\":\"UNKNOWN\",\"subtype\":");
    p = decimal(p, o[2] >> 4);
    TEXT(",\"data\":\"");
    p = hex(p, o + 3, length - 3);
    *p++ = '"';
    return reserved(p, low);
  }
  return malformed(p, "length", 1, o, length);
}

static char *head(char *p, uint64_t frame, const uint8_t *record, const uint8_t *ip, const uint8_t *t, unsigned payload) {
  uint32_t seconds, microseconds;
  memcpy(&seconds, record, 4);
  memcpy(&microseconds, record + 4, 4);
  TEXT("{\"frame\":");
  p = decimal(p, frame);
  TEXT(",\"time\":\"");
  p = decimal(p, seconds);
  *p++ = '.';
  p = digits(p, microseconds, 6);
  TEXT("000\",\"src\":\"");
  int four = ip[0] >> 4 == 4;
  p = four ? ipv4(p, ip + 12) : ipv6(p, ip + 8);
  TEXT("\",\"srcPort\":");
  p = decimal(p, be16(t));
  TEXT(",\"dst\":\"");
  p = four ? ipv4(p, ip + 16) : ipv6(p, ip + 24);
  TEXT("\",\"dstPort\":");
  p = decimal(p, be16(t + 2));
  TEXT(",\"flags\":\"");
  for (int bit = 0; bit < 8; bit++) if (t[13] >> bit & 1) *p++ = "FSRPAUEC"[bit];
  TEXT("\",\"seq\":");
  p = decimal(p, be32(t + 4));
  TEXT(",\"ack\":");
  p = decimal(p, be32(t + 8));
  TEXT(",\"payloadLength\":");
  p = decimal(p, payload);
  TEXT(",\"options\":[");
  return p;
}

int main(int argc, char **argv) {
  static char out[(1 << 20) + 8192];
  struct stat info;
  int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0 || fstat(file, &info) != 0) return 1;
  size_t size = info.st_size;
  const uint8_t *octets = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (octets == MAP_FAILED) return 1;
  char *p = out;
  uint64_t frame = 0;
  for (size_t at = 24; at + 16 <= size;) {
    const uint8_t *record = octets + at, *ip = record + 30;
    uint32_t captured;
    memcpy(&captured, record + 8, 4);
    at += 16 + captured;
    if (at > size) break;
    frame++;
    const uint8_t *end = record + 16 + captured;
    if (captured < 54) continue;
    unsigned type = be16(ip - 2), total;
    const uint8_t *t;
    if (type == 0x0800 && ip[9] == 6) { t = ip + (ip[0] & 15) * 4; total = be16(ip + 2) - (t - ip); }
    else if (type == 0x86dd && ip[6] == 6) { t = ip + 40; total = be16(ip + 4); }
    else continue;
    if (t + 20 > end) continue;
    unsigned header = (t[12] >> 4) * 4;
    if (header < 20 || t + header > end) continue;
    int found = 0;
    for (const uint8_t *o = t + 20, *stop = t + header; o < stop;) {
      if (*o == 1) { o++; continue; }
      if (*o == 0 || stop - o < 2 || o[1] < 2 || o + o[1] > stop) break;
      if (*o == 30) {
        if (found++ == 0) p = head(p, frame, record, ip, t, total - header); else *p++ = ',';
        p = option(p, o, o[1]);
      }
      o += o[1];
    }
    if (found == 0) continue;
    TEXT("]}\n");
    if (p - out > 1 << 20) { if (write(1, out, p - out) < 0) return 1; p = out; }
  }
  return p > out && write(1, out, p - out) < 0;
}
