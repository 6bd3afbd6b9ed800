// Who speaks of a snapshot also speaks of what it is made of.
@_exported public import RedisValues
