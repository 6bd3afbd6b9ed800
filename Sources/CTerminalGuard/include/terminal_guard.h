#pragma once
// Gives the terminal back, whoever ends the process: by a trap, a fault or an abort, or when it leaves in order.

// Remembers the modes of the terminal; call before entering full-screen mode.
void terminal_guard_arm(void);
// Remembers the modes of full-screen mode.
void terminal_guard_keep_modes(void);
// Call after leaving full-screen mode.
void terminal_guard_disarm(void);
// The modes of before, or those of full-screen mode again; waits for nothing. 0 where the terminal is not ours to change.
int terminal_guard_shell_modes(void);
int terminal_guard_screen_modes(void);
// Writes what leaves full-screen mode; may block where nobody reads the terminal. With is_stuck, what has been written
// and not read is thrown away before.
void terminal_guard_leave_screen(int is_stuck);

// write(2), for a thread of one's own that may block; terminal_write_stop ends it (EINTR).
long terminal_write(int descriptor, const void *bytes, unsigned long count);
// Ends a write of another thread that is under way now; may have to be called again where it had not begun.
void terminal_write_stop(unsigned long thread);

// Takes echo away from a terminal, and what stops a process there; 0 where that cannot be done. A fatal signal gives the
// echo back.
int terminal_echo_off(int descriptor);
// Gives it back; does nothing where it was not taken. Any thread may call it.
void terminal_echo_on(void);

// Lets a descriptor lead to an empty file in memory; 0 where the system has none.
int terminal_canvas(int descriptor);
