{
  # A shim: the build is CMakeLists.txt, run by native/toolchain/build.mjs. It lets node-gyp,
  # node-gyp-build and prebuildify drive that build. The output is one that never exists, so that the
  # action always runs; the script itself knows whether there is anything to do.
  "targets": [
    {
      "target_name": "deepcode",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/always-build"],
          "action": ["node", "native/toolchain/build.mjs"],
          "message": "Building deepcode.node with CMake"
        }
      ]
    }
  ]
}
