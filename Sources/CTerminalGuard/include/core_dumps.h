#pragma once
// Leaves no image of this process anywhere: it holds passwords. Nobody else may look into it, either.
void core_dumps_forbid(void);
