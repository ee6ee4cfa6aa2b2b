/// How functions are run, by the configuration (`functions:`).
package struct FunctionSettings: Sendable {
    /// The interpreter of functions in Python, a path or a name on PATH. It must have the package awslambdaric.
    package var python = "python3"

    package init() {}
}
