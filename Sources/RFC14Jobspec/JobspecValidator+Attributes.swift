import FluxJSON
import RFC22Idset
import RFC29Hostlist

extension JobspecValidator {
    func check(system: JSON) throws(JobspecError) {
        guard let fields = system.objectValue else {
            switch system {
            case .array, .string: return  // version 1 refuses it for another reason
            default: throw JobspecError("attributes.system must be a mapping", .wrongType)
            }
        }
        if let value = fields["dependencies"] {
            let dependencies = try sequence(value, "attributes.system.dependencies must be a list")
            for (index, dependency) in dependencies.enumerated() {
                do throws(JobspecError) { try check(dependency: dependency) } catch {
                    throw error.inside("dependencies[\(index)]")
                }
            }
        }
        if let constraints = fields["constraints"] {
            do throws(JobspecError) { try check(constraint: constraints) } catch { throw error.inside("constraints") }
        }
    }

    private func check(dependency: JSON) throws(JobspecError) {
        guard let fields = dependency.objectValue else {
            throw JobspecError("dependency must be a mapping", .wrongType)
        }
        try requireKeys(["scheme", "value"], fields, additional: true)
        for key in ["scheme", "value"] where fields[key]?.stringValue == nil {
            throw JobspecError("dependency \(key) must be a string", .wrongType)
        }
    }

    private func check(constraint: JSON) throws(JobspecError) {
        guard let fields = constraint.objectValue else {
            throw JobspecError("constraints must be a mapping", .wrongType)
        }
        for (operation, value) in fields {
            let arguments = try sequence(value, "argument to constraint \(operation) must be a sequence")
            switch operation {
            case "and", "or", "not": for argument in arguments { try check(constraint: argument) }
            case "properties": for argument in arguments { try check(property: argument) }
            case "hostlist": for argument in arguments { try check(hosts: argument) }
            case "ranks":
                for argument in arguments {
                    guard let text = argument.stringValue, (try? Idset(parsing: text)) != nil else {
                        throw JobspecError("ranks constraint: invalid idset \(argument.text)")
                    }
                }
            default: throw JobspecError("unknown constraint operator '\(operation)'")
            }
        }
    }

    private func check(property: JSON) throws(JobspecError) {
        guard let name = property.stringValue else { throw JobspecError("property must be a string", .wrongType) }
        if name.contains(where: { "&'\"`|()".contains($0) }) {
            throw JobspecError("invalid character in property '\(name)'")
        }
    }

    private func check(hosts argument: JSON) throws(JobspecError) {
        guard let text = argument.stringValue, let list = try? Hostlist(parsing: text) else {
            throw JobspecError("hostlist constraint: invalid hostlist \(argument.text)")
        }
        guard let hosts else { return }
        let unknown = list.filter { !hosts.contains($0) }
        guard unknown.isEmpty else {
            let names = (try? Hostlist(hosts: unknown))?.description ?? unknown.joined(separator: ",")
            throw JobspecError(
                "host constraint contains invalid hosts: host\(unknown.count > 1 ? "s" : "") '\(names)' not found")
        }
    }
}
