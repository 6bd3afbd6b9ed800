#pragma once
// Gives the terminal back when the process dies by a signal: a trap, a fault, an abort.

// Remembers the modes of the terminal; call before entering full-screen mode.
void terminal_guard_arm(void);
// Call after leaving full-screen mode.
void terminal_guard_disarm(void);
