#pragma once
// Signals that ask a process to leave. They are noted from the first instruction of main on, so that none is lost
// before somebody listens, and read from a descriptor, one by one, by a thread that may do what it likes.

// Opens what is closed of the standard descriptors (another file under their number would be written to by mistake),
// and notes signals from now on; those that were ignored before stay ignored.
// Returns the descriptor to read from: a byte a signal, its number, or 0 from leaving_signals_wake. -1 where there is
// none: signals then do what they always do.
int leaving_signals_note(void);
// From now on also those that were ignored when the process began.
void leaving_signals_note_all(void);
// Whoever reads the descriptor wakes up. Any thread may call it.
void leaving_signals_wake(void);
// Ends the process by this signal, as if nobody had listened.
_Noreturn void leaving_signals_die(int signal);
