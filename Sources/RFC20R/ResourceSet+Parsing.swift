public import FluxJSON
import RFC22Idset
import RFC29Hostlist

extension ResourceSet {
    /// Reads *R* from its text.
    public init(parsing text: String) throws(ResourceError) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: text) } catch { throw ResourceError(.text(error)) }
        try self.init(json: json)
    }

    /// Reads *R*.
    ///
    /// Accepts what flux-core accepts beyond RFC 20: no `nodelist`, an empty `R_lite`, nodes without cores, slots and
    /// times that are not positive (they count as unset), entries for the same rank with different resources. Unknown
    /// keys are ignored.
    ///
    /// - Throws: ``ResourceError`` with the place of the first problem.
    /// - Complexity: linear in the number of nodes when ranks ascend.
    public init(json: JSON) throws(ResourceError) {
        do throws(PayloadError) {
            let r = try json.requireObject()
            let version = try r.int("version")
            guard version == 1 else { throw ResourceError(.version(version)) }
            scheduling = r["scheduling"]
            let execution = try r.object("execution")
            do throws(PayloadError) {
                if let count = try execution.optionalInt("nslots", as: Int32.self), count > 0 { nslots = Int(count) }
                starttime = max(0, try execution.optionalNumber("starttime") ?? 0)
                expiration = max(0, try execution.optionalNumber("expiration") ?? 0)
                try insert(entries: try execution.array("R_lite"))
                if let nodelist = try execution.optionalArray("nodelist") { try assignHosts(nodelist: nodelist) }
            } catch {
                throw error.inside("execution")
            }
            if let properties = execution["properties"] { try setProperties(properties) }
        } catch let error as PayloadError {
            throw ResourceError(.payload(error))
        }
    }
}
