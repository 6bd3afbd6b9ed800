// Who watches a cache also speaks of what was seen, and of the way to it.
@_exported public import CacheCore
@_exported public import CacheModel
