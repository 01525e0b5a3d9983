import FluxJSON
import RFC14Jobspec
import RFC45Range
import YAML

/// What the vectors of RFC 14 and RFC 25 ask about a document.
enum JobspecVerdicts {
    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "yaml-to-json": try YAML.parse(input.string("yaml"))
        case "validate": try validate(input.value("jobspec"))
        default: nil
        }
    }

    private static func validate(_ jobspec: JSON) -> JSON {
        func accepts(_ validator: JobspecValidator) -> Bool { (try? validator.validate(jobspec)) != nil }
        return [
            "rfc14_schema_valid": .bool(JobspecSchema.followsRFC14(jobspec)),
            "rfc25_schema_valid": .bool(JobspecSchema.followsRFC25(jobspec)),
            "python_jobspec_valid": .bool(accepts(JobspecValidator(requiredVersion: nil))),
            "job_validator_v1_valid": .bool(accepts(JobspecValidator())),
            "jj_counts": (try? JobspecCounts(jobspec)).map(json) ?? ["error": true],
            "jjc_counts": (try? JobspecRangeCounts(jobspec)).map(json) ?? ["error": true],
            "resource_counts": totals(jobspec),
        ]
    }

    private static func json(_ counts: JobspecCounts) -> JSON {
        [
            "nnodes": .int(counts.nnodes), "nslots": .int(counts.nslots), "slot_size": .int(counts.slotSize),
            "slot_gpus": .int(counts.slotGPUs), "exclusive": .bool(counts.isExclusive),
            "duration": .real(counts.duration),
        ]
    }

    private static func json(_ counts: JobspecRangeCounts) -> JSON {
        func text(_ count: ResourceCount?) -> JSON { count.map { .string($0.description) } ?? .null }
        return [
            "nnodes": text(counts.nnodes), "nslots": text(counts.nslots), "slot_size": text(counts.slotSize),
            "slot_gpus": text(counts.slotGPUs), "exclusive": .bool(counts.isExclusive),
            "duration": .real(counts.duration), "nodefactor": .int(counts.nodeFactor),
        ]
    }

    /// Totals of a document that follows the rules of every version and has integer counts only.
    private static func totals(_ jobspec: JSON) -> JSON {
        guard (try? JobspecValidator.checkCanonical(jobspec)) != nil, let resources = jobspec["resources"] else {
            return .null
        }
        return (try? ResourceTotals(resources))?.json ?? .null
    }
}
