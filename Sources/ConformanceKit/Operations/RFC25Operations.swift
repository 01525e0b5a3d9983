import FluxJSON
import JobSubmission
import RFC14Jobspec

/// Operations of the vectors in `rfc25-jobspec-v1`.
enum RFC25Operations: Operations {
    static let folder = "rfc25-jobspec-v1"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        guard op == "options-to-jobspec" else { return try JobspecVerdicts.run(op, input) }
        guard let command = SubmissionCommand(rawValue: try input.string("command")) else { return nil }
        let options = try SubmissionOptions(parsing: input.strings("args"), for: command)
        return try options.jobspec(in: context(input.string("cwd"))).jobspec.json
    }

    /// The files that the vectors' README describes.
    private static let files: [String: String] = [
        "data.txt": "hello\nworld\n", "data.json": "{\"a\": [1, 2, {\"b\": null}]}\n",
        "env.txt": "FOO=bar\nBAZ=\"x y\"\n", "plain.sh": "#!/bin/sh\nhostname\n",
        "job.sh": "#!/bin/sh\n#flux: -N2\n#flux: -n4\n#flux: --job-name=fromfile\n#flux: -t 10m\nhostname\n",
    ]

    private static func context(_ directory: String) -> SubmissionContext {
        var context = SubmissionContext(workingDirectory: directory, environment: ["HOME": "/home/user"]) {
            path throws(SubmissionContext.FileFailure) in
            if path == "data.bin" { return .init(content: [0xff, 0x00, 0x01] + Array("binary".utf8)) }
            guard let text = files[path] else { throw .init(errno: 2, reason: "No such file or directory") }
            return .init(content: Array(text.utf8))
        }
        context.limits = ["cpu": -1, "stack": 8_388_608, "core": 0, "nofile": 1024]
        return context
    }
}
