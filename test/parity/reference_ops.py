"""Import this before timm in a parity generator.

timm imports torchvision, whose Python half registers fake kernels for its own C++ operators. Where torchvision comes
without its compiled half those operators do not exist and the import fails. Declaring them is enough:
none is ever called here.
"""
import torch

_OPERATORS = (
    "nms(Tensor a, Tensor b, float c) -> Tensor",
    "qnms(Tensor a, Tensor b, float c) -> Tensor",
    "roi_align(Tensor a, Tensor b, float c, int d, int e, int f, bool g) -> Tensor",
    "_roi_align_backward(Tensor a, Tensor b, float c, int d, int e, int f, int g, int h, int i, int j, bool k)"
    " -> Tensor",
    "roi_pool(Tensor a, Tensor b, float c, int d, int e) -> (Tensor, Tensor)",
    "_roi_pool_backward(Tensor a, Tensor b, Tensor c, float d, int e, int f, int g, int h, int i, int j) -> Tensor",
    "ps_roi_align(Tensor a, Tensor b, float c, int d, int e, int f) -> (Tensor, Tensor)",
    "_ps_roi_align_backward(Tensor a, Tensor b, Tensor c, float d, int e, int f, int g, int h, int i, int j, int k)"
    " -> Tensor",
    "ps_roi_pool(Tensor a, Tensor b, float c, int d, int e) -> (Tensor, Tensor)",
    "_ps_roi_pool_backward(Tensor a, Tensor b, Tensor c, float d, int e, int f, int g, int h, int i, int j) -> Tensor",
    "deform_conv2d(Tensor a, Tensor b, Tensor c, Tensor d, Tensor e, int f, int g, int h, int i, int j, int k, int l,"
    " int m, bool n) -> Tensor",
    "_deform_conv2d_backward(Tensor a, Tensor b, Tensor c, Tensor d, Tensor e, Tensor f, int g, int h, int i, int j,"
    " int k, int l, int m, int n, bool o) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
)

if not hasattr(torch.ops.torchvision, "nms"):
    library = torch.library.Library("torchvision", "DEF")
    for operator in _OPERATORS:
        library.define(operator)
