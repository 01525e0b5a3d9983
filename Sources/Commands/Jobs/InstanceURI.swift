internal import CommandKit

/// URIs of instances in the forms that are needed to reach them.
enum InstanceURI {
    /// The local form: the socket on the host of the instance.
    static func local(_ uri: String) -> String {
        guard uri.hasPrefix("ssh://"), let slash = uri.dropFirst("ssh://".count).firstIndex(of: "/") else { return uri }
        return "local://\(uri[slash...])"
    }

    /// The form to connect to from here: local when the instance is on this host or the environment says so.
    static func reachable(_ uri: String) -> String {
        guard uri.hasPrefix("ssh://") else { return uri }
        var host = uri.dropFirst("ssh://".count).prefix { $0 != "/" }
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        host = host.prefix { $0 != ":" }
        let isHere = Environment["FLUX_URI_RESOLVE_LOCAL"] != nil || host == Installation.hostname[...]
        return isHere ? local(uri) : uri
    }
}
