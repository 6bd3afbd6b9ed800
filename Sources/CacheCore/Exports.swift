// Who links the cache core also speaks of its endpoints, commands, replies and refusals.
@_exported public import CacheWire
@_exported public import RedisValues
