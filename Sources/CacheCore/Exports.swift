// Who links the cache core also speaks of its values.
@_exported public import CacheModel
