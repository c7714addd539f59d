// Lua patterns with a step limit: the stock matcher cannot be interrupted and may take n^4 steps.
#ifndef CLUABRIDGE_PATTERN_H
#define CLUABRIDGE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { LB_MAXIMUM_CAPTURES = 32 };

typedef struct lb_capture {
  const char *start;
  ptrdiff_t length;  // or LB_OPEN, LB_POSITION
} lb_capture;

enum { LB_OPEN = -1, LB_POSITION = -2 };

typedef struct lb_matcher {
  const char *subject, *subject_end, *pattern_end;
  int64_t steps_left;
  int depth_left;
  int captures;
  lb_capture capture[LB_MAXIMUM_CAPTURES];
  const char *error;  // static text; set once, ends the match
} lb_matcher;

// Matches `pattern` (without its leading `^`) at `at`: the end of the match, or NULL for none or an
// error. The caller sets the first five fields; captures and error are reset here.
const char *lb_match(lb_matcher *matcher, const char *at, const char *pattern);

#endif
