/*
 * The plain checksum: 16-bit big-endian words, one after the other, folded at the end.
 *
 * usage: derivations LENGTH OFFSET    prints nanoseconds of processor time a sum, and the last sum
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BUFFERS = 64, SUMS = 200 * BUFFERS };

__attribute__((noinline)) static uint32_t plain_sum(const uint8_t *octets, size_t length) {
  uint64_t sum = 0;
  size_t at = 0;
  for (; at + 2 <= length; at += 2) sum += (uint32_t)octets[at] << 8 | octets[at + 1];
  if (at < length) sum += (uint32_t)octets[at] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint32_t)sum;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size_t length = strtoul(argv[1], NULL, 10);
  size_t offset = strtoul(argv[2], NULL, 10);
  size_t stride = (length + 64 + 15) & ~(size_t)15;
  uint8_t *memory = malloc(BUFFERS * stride + 64);
  if (memory == NULL) return 1;
  uint32_t state = 7;
  for (size_t i = 0; i < BUFFERS * stride + 64; i++) {
    state = state * 1664525u + 1013904223u;
    memory[i] = (uint8_t)(state >> 24);
  }
  const uint8_t *aligned = (const uint8_t *)(((uintptr_t)memory + 15) & ~(uintptr_t)15);
  uint32_t last = 0;
  struct timespec start, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  for (int i = 0; i < SUMS; i++) {
    last = plain_sum(aligned + (size_t)(i % BUFFERS) * stride + offset, length);
    __asm__ volatile("" : : "r"(last) : "memory");
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  printf("%.1f %u\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / SUMS, last);
  free(memory);
  return 0;
}
