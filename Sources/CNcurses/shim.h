#pragma once
// Wide-character and extended-colour entry points need this switch before the header.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
#include <locale.h>
#include <langinfo.h>
#include <wchar.h>

// What Swift does not import: mutable globals, casting macros, function-like macros, variadic functions.
static inline SCREEN *cw_newterm(const char *type, FILE *output) { return newterm(type, output, stdin); }
static inline WINDOW *cw_screen(void) { return stdscr; }
static inline int cw_colours(void) { return COLORS; }
static inline int cw_colour_pairs(void) { return COLOR_PAIRS; }
static inline attr_t cw_bold(void) { return A_BOLD; }
static inline attr_t cw_dim(void) { return A_DIM; }
static inline attr_t cw_reverse(void) { return A_REVERSE; }
static inline attr_t cw_underline(void) { return A_UNDERLINE; }
static inline int cw_function_key(int number) { return KEY_F(number); }
static inline int cw_is_utf8(void) {
    const char *codeset = nl_langinfo(CODESET);
    return codeset && (codeset[0] == 'U' || codeset[0] == 'u');
}
// The columns that the C library, and so ncurses, gives a character; -1 for one that it does not know.
static inline int cw_columns(wchar_t character) { return wcwidth(character); }
// One cell, up to a base and two marks; pairs beyond 255 go through the opts pointer.
static inline int cw_put(int row, int column, const wchar_t *text, attr_t attributes, int pair) {
    cchar_t cell;
    if (setcchar(&cell, text, attributes, 0, &pair) == ERR) return ERR;
    return mvadd_wch(row, column, &cell);
}
