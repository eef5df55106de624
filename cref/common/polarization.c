#include "polarization.h"

#include <math.h>

#include "vectors.h"

double polarization_factor(double kahn, double incident[3], double diffracted[3], double axis[3])
{
    double cos2theta, cos2theta_sqr, sin2theta_sqr, psi = 0.0;
    double B_in[3], E_in[3];

    normalize(incident);
    normalize(diffracted);
    normalize(axis);
    cos2theta = dot(incident, diffracted);
    cos2theta_sqr = cos2theta * cos2theta;
    sin2theta_sqr = 1 - cos2theta_sqr;
    if (kahn != 0.0) {
        cross(axis, incident, B_in);
        normalize(B_in);
        cross(incident, B_in, E_in);
        normalize(E_in);
        psi = -atan2(dot(diffracted, B_in), dot(diffracted, E_in));
    }
    return 0.5 * (1.0 + cos2theta_sqr - kahn * cos(2 * psi) * sin2theta_sqr);
}
