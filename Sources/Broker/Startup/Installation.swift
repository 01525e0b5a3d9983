/// Where the parts of the software are, by the names of `flux config builtin`.
///
/// Source: broker-protocol 6.1 (observed: flux-core 0.88).
package enum Installation {
    /// - Parameters:
    ///   - programPath: the file of this program, `PREFIX/libexec/flux/cmd/flux-broker` or `DIRECTORY/flux-broker`.
    ///   - environment: what the front end has set, such as `FLUX_EXEC_PATH`, comes first.
    package static func values(programPath: String, environment: [String: String]) -> [String: String] {
        let folder = programPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        let suffix = "/libexec/flux/cmd"
        let prefix = folder.hasSuffix(suffix) ? String(folder.dropLast(suffix.count)) : "/usr"
        var result = [
            "confdir": "/etc/flux", "rundir": "/run/flux",
            "libexecdir": "\(prefix)/libexec/flux", "datadir": "\(prefix)/share/flux",
            "man_path": "\(prefix)/share/man", "lua_cpath_add": "\(prefix)/lib/lua/5.1/?.so",
            "lua_path_add": "\(prefix)/share/lua/5.1/?.lua", "python_path": "\(prefix)/lib/flux/python",
            "python_wrapper": "\(prefix)/libexec/flux/cmd/py-runner.py", "exec_path": folder,
            "connector_path": "\(prefix)/lib/flux/connectors", "module_path": "\(prefix)/lib/flux/modules",
            "rc1_path": "flux modprobe rc1", "rc3_path": "flux modprobe rc3",
            "cmdhelp_pattern": "\(prefix)/etc/flux/help.d/*.json", "pmi_library_path": "\(prefix)/lib/flux/libpmi.so",
            "shell_path": "\(prefix)/libexec/flux/flux-shell",
            "shell_pluginpath": "\(prefix)/lib/flux/shell/plugins", "shell_initrc": "/etc/flux/shell/initrc.lua",
            "jobtap_pluginpath": "\(prefix)/lib/flux/job-manager/plugins",
            "upmi_pluginpath": "\(prefix)/lib/flux/upmi/plugins", "no_docs_path": "\(prefix)/share/flux/.nodocs",
        ]
        let variables = [
            "exec_path": "FLUX_EXEC_PATH", "connector_path": "FLUX_CONNECTOR_PATH", "module_path": "FLUX_MODULE_PATH",
            "lua_path_add": "LUA_PATH", "lua_cpath_add": "LUA_CPATH", "man_path": "MANPATH",
        ]
        for (name, variable) in variables {
            if let value = environment[variable], !value.isEmpty { result[name] = value }
        }
        return result
    }
}
