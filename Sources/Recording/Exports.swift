// Who reads a recording also speaks of what was seen.
@_exported public import CacheModel
