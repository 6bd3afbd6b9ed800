/// How the nodes that are one cache find each other.
public enum DeploymentKind: String, Codable, Sendable { case standalone, sentinel, cluster }
